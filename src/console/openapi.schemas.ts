import { decisions } from './openapi.decisions.schemas.ts';
import { type Shape } from './openapi.shapes.ts';
import { adapters, systems } from './openapi.systems.schemas.ts';
import { problem, translations } from './openapi.translations.schemas.ts';

/** What the answers of the API are made of. */
export const schemas: Readonly<Record<string, Shape>> = { ...problem, ...translations, ...decisions, ...systems, ...adapters };
