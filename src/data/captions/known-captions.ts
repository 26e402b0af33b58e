/**
 * Files of captions by sha256. The authors' captions and those that others corrected share their images and are not comparable.
 * Sydney-Captions at hand has word for word what github.com/120343/modified publishes, in another layout of JSON.
 */
const known: Readonly<Record<string, string>> = {
  '9aa0ea99d32090522e06a2def3de2bbaabe6f8487a15fe5c147943ee201c89ce': 'corrected captions of Sydney-Captions',
  '5d68acdf4e6f4c6199bc9f2a160eb99a60d0b4ecdce9c202fd14eef96f6819bf': 'corrected captions of Sydney-Captions',
  '1bf3af1e30daa992ec5f6de6a65f627cb8717f362c93093ad71b9636c6fe7df5':
    'corrected captions of UCM-Captions, re-encoded JPEG, without test split',
};

/** Words on which captions these are; unknown ones are told apart by their digest. */
export const nameCaptions = (sha256: string): string =>
  known[sha256] ?? `unknown captions sha256 ${sha256.slice(0, 12)}…`;
