//! What is wrong with a command line, in English.

use crate::messages::Wrong;

/// What is wrong, and the line that helps.
pub fn explain(wrong: &Wrong) -> (String, String) {
    let see = |command: &str| format!("See: cargo xtask {command}").replace("xtask  ", "xtask ");
    let meant = |similar: &Option<String>, otherwise: String| match similar {
        Some(similar) => format!("Did you mean `{similar}`?"),
        None => otherwise,
    };
    match wrong {
        Wrong::UnknownCommand { word, similar } => {
            (format!("there is no command `{word}`"), meant(similar, see("--help")))
        }
        Wrong::FactorAsCommand(word) => {
            (format!("`{word}` is a factor, not a command"), format!("Did you mean: cargo xtask check {word}"))
        }
        Wrong::UnknownOption { option, similar } => {
            (format!("there is no option `{option}`"), meant(similar, see("--help")))
        }
        Wrong::OptionElsewhere { option, command, belongs } => {
            let belongs: Vec<String> =
                belongs.iter().filter(|name| !name.is_empty()).map(|name| format!("`{name}`")).collect();
            let of = if belongs.is_empty() { "`cargo xtask` alone".to_owned() } else { belongs.join(" and ") };
            (format!("`--{option}` is no option of `{command}` but of {of}"), see(&format!("{command} --help")))
        }
        Wrong::MissingValue(option) => (format!("`--{option}` needs a value"), see("--help")),
        Wrong::UnexpectedValue(option) => (format!("`{option}` takes no value"), see("--help")),
        Wrong::NotUnicode(word) => {
            (format!("`{word}` is not valid Unicode"), "Rename the file, or name another folder.".to_owned())
        }
        Wrong::TooManyWords { command, word } => {
            (format!("`{command}` cannot use `{word}`"), see(&format!("{command} --help")))
        }
        Wrong::Language(word) => {
            (format!("`{word}` is no language of this workshop"), "Use `--lang en` or `--lang ko`.".to_owned())
        }
        Wrong::Seed(word) => {
            (format!("`{word}` is no seed"), "A seed is a whole number, as a run prints it: --seed 42".to_owned())
        }
        Wrong::Step(word) => (
            format!("`{word}` is no step of a hint"),
            "There are the steps 1, 2 and 3: cargo xtask hint factor-3 2".to_owned(),
        ),
        Wrong::In(word) => (
            format!("`--in {word}` is unknown"),
            "Use `--in process`, which is also the default, or `--in container`.".to_owned(),
        ),
        Wrong::Together(one, other) => {
            (format!("`{one}` and `{other}` name two different services"), "Give one of them.".to_owned())
        }
        Wrong::OneWay(options) => (format!("{options} exclude each other"), "Give one of them.".to_owned()),
        Wrong::Invitation(word) => (
            format!("`{word}` is no invitation"),
            "An invitation is on the projector: cargo xtask join http://192.168.0.10:15016/join/ABC234".to_owned(),
        ),
        Wrong::SecureBoard => (
            "boards are reached by http alone".to_owned(),
            "Ask for the address that begins with http:// and leads to the board itself.".to_owned(),
        ),
        Wrong::WhichName => ("the room needs a name for you".to_owned(), "Choose any nickname: --name Ann".to_owned()),
        Wrong::NotJoined => (
            "this machine has joined no room".to_owned(),
            "The invitation is on the projector: cargo xtask join URL".to_owned(),
        ),
        Wrong::Port(word) => (format!("`{word}` is not a port"), "Write a number up to 65535: --port 8080".to_owned()),
        Wrong::AllAndOne => (
            "`--all` and a factor contradict each other".to_owned(),
            "Give one of them: cargo xtask check --all".to_owned(),
        ),
        Wrong::ManifestsWhat => {
            ("`manifests` needs a folder or a file".to_owned(), "For example: cargo xtask manifests k8s".to_owned())
        }
        Wrong::StartWhat => ("`start` needs a factor".to_owned(), "For example: cargo xtask start factor-3".to_owned()),
        Wrong::CheckpointWhat => {
            ("`checkpoint` needs a factor from 1 to 15".to_owned(), "For example: cargo xtask checkpoint 8".to_owned())
        }
        Wrong::CapstoneIsRust => (
            "`start capstone` begins in Rust".to_owned(),
            "In another language you need no starter: an app.toml beside your service is enough (CONTRACT.md)"
                .to_owned(),
        ),
        Wrong::UnknownFactor { word, similar } => (format!("there is no factor `{word}`"), meant(similar, see("list"))),
        Wrong::WhichFactor { command, next } => (
            "which factor? None was named, and this folder belongs to none".to_owned(),
            format!("For example: cargo xtask {command} {next}"),
        ),
        Wrong::UnknownCheck { word, similar, known } => {
            (format!("there is no check `{word}`"), meant(similar, format!("These exist: {}", known.join(", "))))
        }
        Wrong::UnknownCase { word, similar, known } => (
            format!("there is no case or check `{word}`"),
            meant(similar, format!("These exist: {}", known.join(", "))),
        ),
        Wrong::MutantWhat => (
            "`mutant` needs `edit`, a factor and a name".to_owned(),
            "Write: cargo xtask mutant edit factor-3 forgets-the-key".to_owned(),
        ),
        Wrong::Runs(word) => (format!("`{word}` is not a number of runs"), "Write a whole number: --runs 5".to_owned()),
        Wrong::Count(option, word) => {
            (format!("`{word}` is not a number for --{option}"), format!("Write a whole number: --{option} 20"))
        }
        Wrong::LoadWithoutSoak => {
            ("--load belongs to a soak".to_owned(), "Write: cargo xtask prove --soak 20 --load 2".to_owned())
        }
        Wrong::UnknownReason { factor, word, similar, known } => (
            format!("{factor} has no reason code `{word}`"),
            meant(similar, format!("These exist: {}", known.join(", "))),
        ),
        Wrong::Manifest(why) => {
            (why.clone(), "app.toml tells the grader how a service is built and started.".to_owned())
        }
        Wrong::NoSuchLanguage { factor, word, known } => {
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let next =
                format!("Besides Rust there is: {known}. A service of your own in any language: see CONTRACT.md");
            (format!("there is no starter of {factor} in `{word}`"), next)
        }
        Wrong::NotEmpty(path) => {
            (format!("{path} is not empty"), "What is in it stays. Name another folder: --path FOLDER".to_owned())
        }
        Wrong::SolutionLocked(factor) => {
            let what = format!("the solution of {factor} opens when its core checks pass");
            (
                what,
                format!(
                    "Grade: cargo xtask check {factor} --core   Open it anyway: cargo xtask solution {factor} --anyway"
                ),
            )
        }
        Wrong::WhichBundle(command) => {
            (format!("`{command}` needs a file"), format!("For example: cargo xtask {command} room.tar.zst"))
        }
        Wrong::BundleName(name) => (
            format!("`{name}` does not say how it shall be compressed"),
            "Call it room.tar.zst (smallest, needs zstd everywhere), room.tar.gz or room.tar.".to_owned(),
        ),
        Wrong::BundleAddress(address) => {
            ("a bundle is a file, not an address".to_owned(), format!("Download it first: curl -O {address}"))
        }
        Wrong::NeedsYes(command) => {
            (format!("`{command}` asks first, and there is nobody to ask"), "Add --yes to agree beforehand.".to_owned())
        }
    }
}
