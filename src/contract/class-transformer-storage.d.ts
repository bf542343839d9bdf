/** The one way to class-transformer's metadata, which nested types need; it ships no declaration. */
declare module 'class-transformer/cjs/storage.js' {
  const storage: {
    readonly defaultMetadataStorage: { findTypeMetadata(target: object, property: string): { typeFunction(): new () => object } | undefined };
  };
  export default storage;
}
