/** One example as the jobs read it. */
export interface Example {
    /** The record's own id, else the first 16 hex digits of the SHA-256 of its text. */
    readonly id: string;
    /** Cleaned. */
    readonly text: string;
    readonly category: string;
    /** The same for near-duplicates: a validation split keeps a group together. */
    readonly group: string;
}

/** Why records are left out, in numbers of records. */
export interface Dropped {
    /** Nothing was left of their text after cleaning. */
    readonly emptied: number;
    /** Their text was there already, with the same label or with one that fewer gave it. */
    readonly duplicates: number;
    /** Their text has several labels, and none has most records. */
    readonly conflicting: number;
    /** They are to learn from, and nearly, or the same as, a record of the test set. */
    readonly nearTest: number;
    /** Their label has too few examples to learn from. */
    readonly rare: number;
}

/** What became of the records that were read. */
export interface DataSetAccount {
    readonly read: { readonly train: number; readonly test: number };
    readonly dropped: Dropped;
    /** Labels that were left out, with the examples to learn from that each had. */
    readonly rareLabels: Readonly<Record<string, number>>;
    /** Texts that came with more than one label, whatever became of them. */
    readonly contradictoryTexts: number;
    readonly labels: Readonly<Record<string, { readonly train: number; readonly test: number }>>;
    /** Labels of a test set of its own that nothing teaches. */
    readonly unknownLabels: readonly string[];
    /** `split`: a fifth by the hash of the id; `given`: records of their own. */
    readonly testSet: "split" | "given";
    /** Examples to learn from that have near-duplicates among themselves. */
    readonly grouped: number;
}

/** What a model learns from and what it is judged by. Nothing is in both, nor nearly. */
export interface DataSet {
    readonly train: readonly Example[];
    readonly test: readonly Example[];
    readonly account: DataSetAccount;
}
