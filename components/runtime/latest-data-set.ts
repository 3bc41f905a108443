/** The data set that the last `sortline train` made, beside the data sets. */
export const LATEST_DATA_SET = "datasets/latest.json";

/** What {@link LATEST_DATA_SET} holds. */
export interface LatestDataSet {
    /** S3 addresses of folders. */
    readonly train: string;
    readonly test: string;
    /** Version of the cleaning that its texts went through. */
    readonly cleaning: string;
}
