"""An NTLM client on MIT Kerberos' GSSAPI and the gss-ntlmssp mechanism: `ntlm_client.py PORT DOMAIN USER`, the credentials in the file that
NTLM_USER_FILE names. Posts twice on one connection, the second time without credentials, and prints the two states."""

import base64
import http.client
import sys

import gssapi

port, domain, user = sys.argv[1:]
ntlm = gssapi.OID.from_int_seq("1.3.6.1.4.1.311.2.2.10")
name = gssapi.Name(f"{domain}\\{user}", gssapi.NameType.user)
credentials = gssapi.Credentials(name=name, usage="initiate", mechs=[ntlm])
target = gssapi.Name("HTTP@127.0.0.1", gssapi.NameType.hostbased_service)
context = gssapi.SecurityContext(name=target, creds=credentials, usage="initiate", mech=ntlm)
connection = http.client.HTTPConnection("127.0.0.1", int(port))


def post(headers):
    connection.request("POST", "/", b"<order/>", headers)
    response = connection.getresponse()
    response.read()
    return response


def with_token(token):
    return post({"Authorization": "NTLM " + base64.b64encode(token).decode()})


challenged = with_token(context.step())
admitted = with_token(context.step(base64.b64decode(challenged.headers["WWW-Authenticate"][5:])))
print(admitted.status, post({}).status)
