const words = (text: string): readonly string[] => text.trim().split(/\s+/u);

/**
 * Words of up to four letters, and some longer ones, with which Stanford's PTBTokenizer 3.4.1 keeps a full stop in lower case:
 * found by giving it all of them.
 */
export const abbreviations = words(`
  al cf co ct dr ft ga jr ky lt md mo mr ms mt ph rd rt sq sr st va vs vt wm
  adj adm adv ala apr aug ave bhd cie col cos cpl dak dec det drs ens esq est etc ext feb fla fri gen gov hon inc ind jan jos jul
  jun kan ltd maj mar mfg mme mon mrs mtg neb nev nov oct pfc plc pte pty pvt rep rev sen sep seq sfc sgt spc ste sys tel thu tue
  wed wis wyo
  alex ariz assn asst atty bldg blvd brig bros capt cmdr colo conn corp dept elec govs insp intl invt kans mich minn mlle mont msgr
  natl okla penn ppte ppty pres prof ptes ptys reps sens sept supt tenn tues univ wisc calif lieut messrs thurs
`);

/** Those that it takes for such before a number alone. */
export const beforeNumbers = words('ca no op pp art fig nos figs prop');
