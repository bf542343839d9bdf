import { IsInt, IsOptional, IsString, IsUrl, Max, Min } from 'class-validator';
import { type Secret } from '../../contract/secret.ts';
import { Setting } from '../../contract/settings.ts';

export class SoapSettings {
  @Setting('Address of the service: https://itsm.acme.example/incident.do?SOAP.')
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  url: string;

  @Setting('User of basic authentication.')
  @IsOptional()
  @IsString()
  user?: string;

  @Setting('Password of basic authentication.', { secret: true })
  @IsOptional()
  password?: Secret;

  @Setting('Longest time to connect, TLS included, ms.')
  @IsInt()
  @Min(1)
  connectTimeoutMs = 5_000;

  @Setting('Largest answer that is read, bytes.')
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
}
