import { IsBoolean, IsIn, IsInt, IsOptional, IsString, IsUrl, Max, Min } from 'class-validator';
import { type Secret } from '../../contract/secret.ts';
import { Setting } from '../../contract/settings.ts';

export class SoapSettings {
  @Setting('Address of the service: https://itsm.acme.example/incident.do?SOAP.')
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true, disallow_auth: true })
  url: string;

  @Setting(
    'How user and password are shown to the system: basic, ntlm (DOMAIN\\user), wsse-text or wsse-digest (WS-Security UsernameToken), layout (only where the adapter puts them).',
  )
  @IsIn(['basic', 'ntlm', 'wsse-text', 'wsse-digest', 'layout'])
  authentication: 'basic' | 'ntlm' | 'wsse-text' | 'wsse-digest' | 'layout' = 'basic';

  @Setting('User; without one nothing is shown.')
  @IsOptional()
  @IsString()
  user?: string;

  @Setting('Password of the user.', { secret: true })
  @IsOptional()
  password?: Secret;

  @Setting('Bearer token (Authorization header), instead of a user.', { secret: true })
  @IsOptional()
  bearerToken?: Secret;

  @Setting('Key (PEM file) that signs body and time stamp of every request (WS-Security X.509).')
  @IsOptional()
  @IsString()
  signingKeyFile?: string;

  @Setting('Certificate (PEM file) of the signing key.')
  @IsOptional()
  @IsString()
  signingCertificateFile?: string;

  @Setting('Passphrase of the signing key.', { secret: true })
  @IsOptional()
  signingKeyPassphrase?: Secret;

  @Setting('Large Base64 values travel beside the envelope (MTOM).')
  @IsBoolean()
  mtom = false;

  @Setting('Longest time to connect, TLS and proxy included, ms.')
  @IsInt()
  @Min(1)
  connectTimeoutMs = 5_000;

  @Setting('Longest wait for the head of an answer, ms; 0: only callTimeoutMs counts, which is the time for the whole answer.')
  @IsInt()
  @Min(0)
  headersTimeoutMs = 0;

  @Setting('Longest pause within the body of an answer, ms; 0: only callTimeoutMs counts.')
  @IsInt()
  @Min(0)
  bodyTimeoutMs = 0;

  @Setting('Largest answer that is read, bytes, unpacked.')
  @IsInt()
  @Min(1_024)
  maxAnswerBytes = 10_485_760;

  @Setting('Connections kept open between calls.')
  @IsInt()
  @Min(0)
  @Max(1_000)
  connections = 100;

  @Setting('Certificates (PEM file) to trust instead of the public ones.')
  @IsOptional()
  @IsString()
  caFile?: string;

  @Setting('Client certificate (PEM file) for TLS.')
  @IsOptional()
  @IsString()
  certificateFile?: string;

  @Setting('Key (PEM file) of the client certificate.')
  @IsOptional()
  @IsString()
  keyFile?: string;

  @Setting('Passphrase of that key.', { secret: true })
  @IsOptional()
  keyPassphrase?: Secret;

  @Setting('HTTP proxy to connect through: http://proxy.acme.example:3128.')
  @IsOptional()
  @IsUrl({ require_tld: false, protocols: ['http'], require_protocol: true, disallow_auth: true })
  proxy?: string;

  @Setting('User at the proxy.')
  @IsOptional()
  @IsString()
  proxyUser?: string;

  @Setting('Password at the proxy.', { secret: true })
  @IsOptional()
  proxyPassword?: Secret;
}
