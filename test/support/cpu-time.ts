/** What this thread has worked, ms: on a busy machine a moment takes as long as the others let it, and work as long as it takes. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
