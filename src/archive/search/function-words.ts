/**
 * English words that stand in nearly every caption or say how others relate: articles, prepositions, pronouns, conjunctions and
 * forms of "to be" and "to have". A caption without them still is what was asked for.
 */
export const functionWords: ReadonlySet<string> = new Set(
  `a about above across after along also among an and another any are around as at be been before behind being below beneath
  beside besides between beyond both but by can could do does down during each either few for from had has have he her here
  his how i if in inside into is it its itself just many may me more most much my near nearby next no nor not of off on one onto or
  other others our out outside over per she should some such than that the their them then there these they this those
  through to toward towards under until up upon us very was we were what when where which while who whose will with within
  without would you your`.split(/\s+/),
);
