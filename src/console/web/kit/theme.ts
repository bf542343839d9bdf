import { effect, signal } from '@preact/signals';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const stored = 'gatehouse.theme';
const first = localStorage.getItem(stored);

export const theme = signal<Theme>(themes.find((each) => each === first) ?? 'system');

effect(() => {
  localStorage.setItem(stored, theme.value);
  if (theme.value === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme.value;
});
