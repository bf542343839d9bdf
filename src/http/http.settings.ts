import { IsArray, IsIn, IsInt, IsString, Matches, Max, Min } from 'class-validator';
import { type Secret } from '../contract/secret.ts';
import { Setting } from '../contract/settings.ts';

/** What a token may do: a sender posts and reads events; a viewer sees everything but what is masked; an operator may do what both may, and act; an admin everything. */
export const roles = ['sender', 'viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

export class TokenSettings {
  @Setting('Who it is: stands in the audit log.')
  @Matches(/^[\w.@-]{1,64}$/)
  name = '';

  @Setting('sender (posts and reads events), viewer (sees, and changes nothing), operator (acts) or admin (reads the audit log too).')
  @IsIn(roles)
  role: Role = 'viewer';

  @Setting('The token.', { secret: true })
  token: Secret;
}

export class HttpSettings {
  @Setting('Address to listen on. Anything but loopback needs tokens.')
  @IsString()
  host = '127.0.0.1';

  @Setting('Port to listen on; 0 takes a free one.')
  @IsInt()
  @Min(0)
  @Max(65_535)
  port = 8480;

  @Setting('Tokens of those who may come in. Without any, loopback is open to everybody on the machine.', { nested: TokenSettings, list: true })
  @IsArray()
  tokens: TokenSettings[] = [];

  @Setting('Host names beside loopback under which the gateway may be addressed.')
  @IsString({ each: true })
  allowedHosts: string[] = [];
}
