/** Services of the carrier, and what events call them. */
export const services = { standard: 'STD', express: 'EXP', freight: 'FRT' } as const;
export type Service = keyof typeof services;
