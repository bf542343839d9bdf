import { IsInt, IsNumber, IsOptional, IsUrl, Max, Min } from 'class-validator';
import { type Secret } from '../contract/secret.ts';
import { Setting } from '../contract/settings.ts';

export class TelemetrySettings {
  @Setting('Where spans are sent, OTLP over HTTP as JSON: http://collector:4318/v1/traces. Without it nothing is traced.')
  @IsOptional()
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true, disallow_auth: true })
  endpoint?: string;

  @Setting('Headers of every request to the collector: authorization=Bearer%20x, several with commas, values percent-encoded.', { secret: true })
  @IsOptional()
  headers?: Secret;

  @Setting('Share of events without a traceparent that are traced, 0 to 1. One with a traceparent is traced when its sender says so.')
  @IsNumber()
  @Min(0)
  @Max(1)
  sampleRatio = 1;

  @Setting('Longest wait for an answer of the collector, ms.')
  @IsInt()
  @Min(100)
  timeoutMs = 10_000;
}
