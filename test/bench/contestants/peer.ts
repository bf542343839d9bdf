/** The practice system in a process of its own; says where it listens. */
import { PracticeServiceNow } from '../../../src/practice/servicenow/servicenow.server.ts';

const practice = await PracticeServiceNow.start();
process.stdout.write(`${practice.url}\n`);
