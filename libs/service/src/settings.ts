/** Settings alone, for a program that must start fast and has no other use of this package. */
export * from './config.ts';
export * from './setting.ts';
