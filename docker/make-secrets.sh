#!/bin/sh
# Makes the secrets of compose.yaml in docker/secrets; those that are there stay. Needs openssl.
set -eu
cd "$(dirname "$0")"
# Containers run as other users and must read the files; people of this machine are kept out by the folder.
mkdir -p -m 700 secrets
cd secrets
umask 022

for name in rabbitmq-password rabbitmq-admin-password practice-password operator-token sender-token viewer-token; do
  [ -s "$name" ] || openssl rand -hex 24 >"$name"
done

# RabbitMQ's password hash: Base64 of a salt of 4 bytes and SHA-256 of salt and password.
# https://www.rabbitmq.com/docs/passwords#computing-password-hash
hash_of() {
  openssl rand 4 >.salt
  { cat .salt; tr -d '\n' <"$1"; } | openssl dgst -sha256 -binary >.digest
  cat .salt .digest | openssl base64 -A
  rm .salt .digest
}

# A node that imports definitions when it starts makes no default user: its users are definitions too. `gatehouse` may do what a gateway
# that declares its exchange and queues must do, and nothing else; `admin` is for people.
[ -s rabbitmq-users.json ] || cat >rabbitmq-users.json <<JSON
{
  "vhosts": [{ "name": "/" }],
  "users": [
    { "name": "gatehouse", "password_hash": "$(hash_of rabbitmq-password)", "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": [] },
    { "name": "admin", "password_hash": "$(hash_of rabbitmq-admin-password)", "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": ["administrator"] }
  ],
  "permissions": [
    { "user": "gatehouse", "vhost": "/", "configure": "^gatehouse(\\\\..+)?$", "write": "^gatehouse(\\\\..+)?$", "read": "^gatehouse(\\\\..+)?$" },
    { "user": "admin", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*" }
  ]
}
JSON
