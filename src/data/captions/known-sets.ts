/** A file that is published at an address of its own. */
export interface PublishedFile {
  readonly url: string;
  readonly sha256: string;
  /** More than the file has. */
  readonly maxBytes: number;
}

/** A caption set that the program knows by name. */
export interface KnownCaptionSet {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly licence: string;
  /** Images, where a program can fetch them. */
  readonly archive?: PublishedFile;
  /** Captions to be used with the archive's images. */
  readonly captions?: PublishedFile;
  /** What a person does to get the set, step by step; `{root}` stands for the data root. */
  readonly byHand: readonly string[];
}

const authors = 'https://github.com/201528014227051/RSICD_optimal';
const corrections = 'https://github.com/120343/modified';
const correctionsAt = 'https://raw.githubusercontent.com/120343/modified/31108de85db78497db371f6f6834687b20d3c24b';
const licence = 'none is stated; the authors ask to be cited, and for no commercial use';

const steps = (name: string, links: string, archive: string, captions: string | undefined): string[] => [
  `In a browser open ${authors} and follow the link ${links}; download ${archive}.`,
  'Unpack it, and the archive of images inside it (imgs.rar), into one folder.',
  ...(captions === undefined
    ? []
    : [
        `For the corrected captions put ${captions} of ${corrections} in place of dataset.json. ` +
          'They are not comparable with the original ones; results name those that were used.',
      ]),
  `legenda data import ${name} FOLDER`,
  `legenda data verify ${name}`,
  `Or put the file of captions as dataset.json, and the images into images/, below {root}/${name} yourself.`,
];

export const knownCaptionSets: readonly KnownCaptionSet[] = [
  {
    name: 'sydney-captions',
    title: 'Sydney-Captions',
    description: '613 aerial images of 500×500, 5 captions each, 7 kinds of scene (Qu et al., 2016)',
    licence,
    archive: {
      url: 'https://huggingface.co/datasets/isaaccorley/Sydney-Captions/resolve/4b357e804147b78f6daf2deaed77260c53441bb5/Sydney_captions.zip',
      sha256: '56c719de915c75986bc4d85c708eed447d50b8ae757bcd1e95a26487f8b7b3a6',
      maxBytes: 400_000_000,
    },
    captions: {
      url: `${correctionsAt}/dataset_sydney_modified.json`,
      sha256: '9aa0ea99d32090522e06a2def3de2bbaabe6f8487a15fe5c147943ee201c89ce',
      maxBytes: 1_000_000,
    },
    byHand: steps(
      'sydney-captions',
      '"Sydney_captions-MEGA" (https://mega.nz/folder/pG4yTYYA#4c4buNFLibryZnlujsrwEQ) or "Sydney_captions-BaiduPan"',
      'Sydney_captions.zip',
      'dataset_sydney_modified.json',
    ),
  },
  {
    name: 'ucm-captions',
    title: 'UCM-Captions',
    description: '2,100 aerial images of 256×256, 5 captions each, 21 kinds of scene (Qu et al., 2016)',
    licence,
    byHand: steps(
      'ucm-captions',
      '"UCM_captions-MEGA" (https://mega.nz/folder/wCpSzSoS#RXzIlrv--TDt3ENZdKN8JA) or "UCM_captions-BaiduPan"',
      'UCM_captions.zip',
      'dataset_ucm_modified.json',
    ),
  },
  {
    name: 'rsicd-captions',
    title: 'RSICD',
    description: '10,921 aerial images of 224×224, 5 captions each (Lu et al., 2017; arXiv:1712.07835)',
    licence,
    byHand: [
      `In a browser open ${authors} and follow the link "RSICD-MEGA" (https://mega.nz/folder/EOpjTAwL#LWdHVjKAJbd3NbLsCvzDGA), "GoogleDrive" or "Baidupan"; download the images (RSICD_images) and the captions (dataset_rsicd.json).`,
      'Unpack both into one folder, and leave no other JSON in it.',
      'legenda data import rsicd-captions FOLDER',
      'legenda data verify rsicd-captions',
      'Or put the file of captions as dataset.json, and the images into images/, below {root}/rsicd-captions yourself.',
    ],
  },
];
