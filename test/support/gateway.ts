export { type Rig, type RigOptions, eventOf, fastSettings, startRig } from '../../src/practice/workbench.ts';
