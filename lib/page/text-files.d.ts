// Imports with `{ type: 'text' }`; TypeScript does not know the attribute yet.
declare module '*/script.js' {
  const text: string;
  export default text;
}
declare module '*.css' {
  const text: string;
  export default text;
}
