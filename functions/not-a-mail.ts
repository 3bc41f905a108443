/**
 * The bytes cannot be read as a mail, and trying again would not help.
 *
 * Its name is `RejectRecord` because that is how a stage tells a record that is to be set aside with its reason from an
 * error that is to be tried again, without this folder knowing of stages.
 */
export class NotAMail extends Error {
    override readonly name = "RejectRecord";
}
