/** Numbers of the test images among some, as commands take them. */
export const numbersOf = (images: readonly { readonly image?: number | undefined }[]): string =>
  images.flatMap(({ image }) => image ?? []).join(',');
