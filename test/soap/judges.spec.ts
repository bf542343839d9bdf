import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import soap from 'soap';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { envelope, order, soap11, soap12 } from '../support/soap-envelope.ts';
import { schemaJudge } from '../support/xmllint.ts';
import { type Certificates, makeCertificates, verifySignature, verifyUsernameToken } from '../support/xmlsec.ts';

const wsdls = resolve(import.meta.dirname, 'wsdl');
const wsse = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
const wsu = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';

describe('xmllint', () => {
  const judge = schemaJudge(resolve(wsdls, 'orders.wsdl'));
  afterAll(() => judge.close());
  const echo = (changed: Record<string, string>): string => envelope(`<o:echo>${order('J-1', changed)}</o:echo>`);

  it.each([soap11, soap12])('finds a whole order valid in %s', async (version) => {
    expect(await judge.validate([envelope(`<o:echo>${order('J-1')}</o:echo>`, { version })])).toEqual([[]]);
  });

  it.each([
    ['an element too few', { currency: '' }, 'currency'],
    ['elements out of order', { remark: '', currency: '<o:remark>r</o:remark><o:currency>EUR</o:currency>' }, 'remark'],
    ['a value that is not listed', { currency: '<o:currency>DEM</o:currency>' }, 'DEM'],
    ['a number too big', { serial: '<o:serial>9223372036854775808</o:serial>' }, '9223372036854775808'],
    ['both branches of a choice', { payment: '<o:iban>X</o:iban><o:invoice>true</o:invoice>' }, 'invoice'],
    ['a namespace where none belongs', { address: '<c:address><c:street>s</c:street><city>c</city></c:address>' }, 'street'],
    ['an unknown element', { bundle: '<o:bogus/>' }, 'bogus'],
    ['a required attribute left out', { payer: '<o:payer><o:name>n</o:name></o:payer>' }, "'id' is required"],
    ['a list of one too many', { remark: '<o:remark>r</o:remark>'.repeat(6) }, 'remark'],
  ])('finds %s', async (_, changed, named) => {
    const [errors] = await judge.validate([echo(changed as Record<string, string>)]);
    expect(errors?.join('\n')).toContain(named);
  });

  it('finds a body that no schema declares, a fault detail that breaks it, and text that is no XML', async () => {
    const fault = (detail: string): string =>
      envelope(`<s:Fault><faultcode>s:Server</faultcode><faultstring>f</faultstring><detail>${detail}</detail></s:Fault>`);
    const rejected = '<o:orderRejected><o:code>1</o:code><o:reason>r</o:reason></o:orderRejected>';
    const verdicts = await judge.validate([envelope('<o:nope/>'), fault('<o:orderRejected/>'), '<cut', fault(rejected)]);
    expect(verdicts.map((errors) => errors.length > 0)).toEqual([true, true, true, false]);
  });

  it('judges the wrappers of RPC/literal: the parts in no namespace, in the order of the message', async () => {
    const accounts = schemaJudge(resolve(wsdls, 'accounts.wsdl'));
    const body = (part: string): string => envelope(`<a:balance><${part}>1</${part}></a:balance>`);
    const answered = envelope('<a:balanceResponse><balance>1.50</balance></a:balanceResponse>');
    const verdicts = await accounts.validate([body('account'), answered, body('a:account'), body('other'), answered.replace('1.50', 'much')]);
    expect(verdicts.map((errors) => errors.length > 0)).toEqual([false, false, true, true, true]);
    accounts.close();
  });

  it('judges hundreds of documents, each by itself', async () => {
    const documents = Array.from({ length: 1_200 }, (_, n) => echo(n % 7 === 0 ? { urgent: '<o:urgent>maybe</o:urgent>' } : {}));
    const verdicts = await judge.validate(documents);
    expect(verdicts.map((errors) => errors.length > 0)).toEqual(documents.map((_, n) => n % 7 === 0));
  });

  it('says when the schemas themselves cannot be used', async () => {
    const legacy = schemaJudge(resolve(wsdls, 'legacy.wsdl'));
    await expect(legacy.validate([envelope('')])).rejects.toThrow('xmllint cannot use the schemas');
    legacy.close();
  });
});

describe('xmlsec1', () => {
  let made: Certificates;
  let signed: string;

  /** node-soap signs with xml-crypto: neither is ours, nor xmlsec1's. */
  const sign = (key: string, certificate: string): string => {
    const security = new soap.WSSecurityCert(readFileSync(key), readFileSync(certificate, 'utf8'), '', {
      hasTimeStamp: true,
      signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    });
    const text = envelope('<o:getOrder><o:externalId>1</o:externalId></o:getOrder>', { header: ' ' });
    return security.postProcess(
      text
        .replaceAll('s:Envelope', 'soap:Envelope')
        .replaceAll('s:Header', 'soap:Header')
        .replaceAll('s:Body', 'soap:Body')
        .replace('xmlns:s=', 'xmlns:soap='),
      'soap',
    );
  };

  beforeAll(async () => {
    made = await makeCertificates();
    signed = sign(made.key, made.certificate);
  });
  afterAll(() => made?.remove());

  it('finds a signature right and says what it covers', async () => {
    expect((await verifySignature(signed, made.ca)).sort()).toEqual(['Body', 'Timestamp']);
  });

  it('finds a changed body', async () => {
    await expect(verifySignature(signed.replace('<o:externalId>1<', '<o:externalId>2<'), made.ca)).rejects.toThrow(/xmlsec1/);
  });

  it('refuses a certificate of the same name that the CA did not issue', async () => {
    await expect(verifySignature(sign(made.strangerKey, made.strangerCertificate), made.ca)).rejects.toThrow('not issued by the CA');
  });

  it('refuses a second element with a signed Id', async () => {
    const id = /<soap:Body[^>]*Id="([^"]+)"/.exec(signed)?.[1];
    expect(id).toBeDefined();
    const wrapped = signed.replace('</soap:Header>', `<o:wrapper Id="${id}"/></soap:Header>`);
    await expect(verifySignature(wrapped, made.ca)).rejects.toThrow('does not occur exactly once');
  });
});

describe('a UsernameToken', () => {
  const created = '2026-01-02T03:04:05.678Z';
  const nonce = Buffer.from('nonce-of-16-byte');
  const digest = (password: string): string =>
    createHash('sha1')
      .update(Buffer.concat([nonce, Buffer.from(created + password)]))
      .digest('base64');
  const token = (password: string, type = 'PasswordDigest'): string =>
    envelope('', {
      header: [
        `<w:Security xmlns:w="${wsse}" xmlns:u="${wsu}"><w:UsernameToken><w:Username>gatehouse</w:Username>`,
        `<w:Password Type="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#${type}">${digest(password)}</w:Password>`,
        `<w:Nonce>${nonce.toString('base64')}</w:Nonce><u:Created>${created}</u:Created></w:UsernameToken></w:Security>`,
      ].join(''),
    });

  it('is right when its digest is that of the password', async () => {
    expect(await verifyUsernameToken(token('päss<&>'), 'päss<&>')).toEqual({ username: 'gatehouse', created, nonce: nonce.toString('base64') });
  });

  it('is wrong with another password, or with the password in the clear', async () => {
    await expect(verifyUsernameToken(token('one'), 'other')).rejects.toThrow('not that of this password');
    await expect(verifyUsernameToken(token('one', 'PasswordText'), 'one')).rejects.toThrow('PasswordText');
  });
});
