import { Command } from 'commander';
import { getData } from './data/get.js';
import { importData } from './data/import.js';
import { listData } from './data/list.js';
import { verifyData } from './data/verify.js';
import { dataOption, jsonOption } from './frame/options.js';

export function dataCommand(): Command {
  const data = new Command('data').description('list, fetch, import and check data sets');
  data
    .command('list')
    .description('print the data sets that are known, and which are here')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(listData);
  data
    .command('get')
    .description('fetch a data set into the data root, and check it; or say how to bring it by hand')
    .argument('<name>', 'such as fashion-mnist')
    .option('--force', 'fetch again what is here already')
    .option('--offline', 'use no network')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(getData);
  data
    .command('import')
    .description('make a folder or an archive with images and captions a data set of the data root')
    .argument('<name>', 'what it is to be called')
    .argument('<path>', "a folder, .zip, .tar or .tar.gz with a JSON of Karpathy's form or a CSV file,caption[,split]")
    .option('--force', 'replace a data set of this name')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(importData);
  data
    .command('verify')
    .description('recompute digests, decode every image, compare splits; exit status 1 when something is off')
    .argument('[name]', 'one data set; all that are here by default')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(verifyData);
  return data;
}
