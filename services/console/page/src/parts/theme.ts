/** Light or dark: as the system has it, or as the reader chose. */
import { useEffect, useState } from 'preact/hooks';
import { useMedia } from '../data/use-media.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const storageKey = 'flyball.theme';

/** What was chosen in this browser; storage may be forbidden, and is then left alone. */
const chosenTheme = (): Theme => {
  try {
    const kept = window.localStorage.getItem(storageKey);
    return themes.find((theme) => theme === kept) ?? 'system';
  } catch {
    return 'system';
  }
};

const keepTheme = (theme: Theme): void => {
  try {
    if (theme === 'system') window.localStorage.removeItem(storageKey);
    else window.localStorage.setItem(storageKey, theme);
  } catch {
    // It holds until the page is closed.
  }
};

export interface ThemeChoice {
  readonly theme: Theme;
  readonly isDark: boolean;
  readonly choose: (theme: Theme) => void;
}

export const useTheme = (): ThemeChoice => {
  const [theme, setTheme] = useState(chosenTheme);
  const systemIsDark = useMedia('(prefers-color-scheme: dark)');
  const isDark = theme === 'system' ? systemIsDark : theme === 'dark';
  useEffect(() => {
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
  }, [isDark]);
  const choose = (chosen: Theme) => {
    keepTheme(chosen);
    setTheme(chosen);
  };
  return { theme, isDark, choose };
};
