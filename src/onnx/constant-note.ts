/** What a file says of an initialiser that is a constant of the graph: it is no parameter when it comes back. */
export const constantNote = 'constant';
