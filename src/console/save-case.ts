import { type CataloguedOperation } from '../contract/catalogue.ts';
import { type Desk } from '../contract/control.ts';
import { type JournalReader, type Story, type StoryPart } from '../contract/journal-reader.ts';
import { type CaseFiles, caseFilesOf } from './case-files.ts';

/** A translation as a case, from what the journal has of it. @throws GatehouseError NOT_POSSIBLE */
export async function saveCase(reader: JournalReader, desk: Pick<Desk, 'dryRun'>, operation: CataloguedOperation, story: Story): Promise<CaseFiles> {
  const dry = await desk.dryRun({ translationId: story.translation.id, asFirst: true });
  return caseFilesOf(operation, story, dry, await dropsOf(reader, story));
}

/** The traces of files that were dropped: for a batch its own, unless others are in it, whose data this is not. */
async function dropsOf(reader: JournalReader, { calls }: Story): Promise<readonly (readonly StoryPart[])[]> {
  const drops: (readonly StoryPart[])[] = [];
  for (const { state, batch, parts } of calls) {
    if (state !== 'answered') continue;
    const found = batch === null ? null : await reader.batch(batch.seq);
    if (found !== null) drops.push(found.batch.events === 1 ? found.parts : []);
    else if (parts.some(({ kind, media }) => kind === 'sent' && media === 'application/octet-stream')) drops.push(parts);
  }
  return drops;
}
