//! The command line, word by word.

use super::*;
use crate::cli::options::OPTIONS;

#[track_caller]
fn parsed(words: &str) -> Result<Command, Wrong> {
    parse(words.split_whitespace().map(OsString::from).collect()).map(|cli| cli.command)
}

#[track_caller]
fn refused(words: &str, expected: Wrong) {
    assert_eq!(parsed(words), Err(expected), "{words}");
}

fn check(change: impl FnOnce(&mut CheckOptions)) -> Command {
    let mut options = CheckOptions { factor: Some("factor-3".to_owned()), ..CheckOptions::default() };
    change(&mut options);
    Command::Check(Box::new(options))
}

#[test]
fn options_stand_anywhere() {
    let expected = check(|options| {
        options.seed = Some(7);
        options.strict = true;
    });
    for words in
        ["check factor-3 --seed 7 --strict", "--seed=7 check --strict factor-3", "--strict --seed 7 check factor-3"]
    {
        assert_eq!(parsed(words).as_ref(), Ok(&expected), "{words}");
    }
}

#[test]
fn help_is_asked_for_in_three_ways() {
    for words in ["help check", "check --help", "-h check factor-3 --core"] {
        assert_eq!(parsed(words), Ok(Command::Help(Topic::Check)), "{words}");
    }
    assert_eq!(parsed("help"), Ok(Command::Help(Topic::Overview)));
    assert_eq!(parsed(""), Ok(Command::Overview));
}

#[test]
fn slips_get_a_suggestion() {
    refused("chekc", Wrong::UnknownCommand { word: "chekc".to_owned(), similar: Some("check".to_owned()) });
    let similar = Some("--strict".to_owned());
    refused("check --stict", Wrong::UnknownOption { option: "--stict".to_owned(), similar });
    refused("factor-3", Wrong::FactorAsCommand("factor-3".to_owned()));
}

#[test]
fn an_option_of_another_command_is_refused() {
    let belongs = vec!["check"];
    refused("hint factor-3 --solution", Wrong::OptionElsewhere { option: "solution", command: "hint", belongs });
}

#[test]
fn values_are_checked() {
    refused("check --seed seven", Wrong::Seed("seven".to_owned()));
    refused("check --seed", Wrong::MissingValue("seed"));
    refused("check --path --json", Wrong::MissingValue("path"));
    refused("list --json=yes", Wrong::UnexpectedValue("--json".to_owned()));
    refused("list --lang fr", Wrong::Language("fr".to_owned()));
    refused("check --in vm", Wrong::In("vm".to_owned()));
    refused("hint factor-3 4", Wrong::Step("4".to_owned()));
    refused("list factor-3", Wrong::TooManyWords { command: "list", word: "factor-3".to_owned() });
    refused("check 3 --all", Wrong::AllAndOne);
}

#[test]
fn a_run_may_name_several_checks() {
    let Ok(Command::Check(options)) = parsed("check factor-3 --only one --only factor-3/two") else {
        panic!("a check")
    };
    assert_eq!(options.only, ["one", "factor-3/two"]);
}

#[test]
fn a_proof_may_name_several_cases() {
    let Ok(Command::Prove(options)) = parsed("prove factor-3 --only mutant/one --only solution") else {
        panic!("a proof")
    };
    assert_eq!(options.only, ["mutant/one", "solution"]);
}

#[test]
fn a_soak_has_rounds_and_a_load() {
    let Ok(Command::Prove(options)) = parsed("prove 9 --soak 20 --load 2 --only solution") else { panic!("a soak") };
    assert_eq!(options.soak, Some(Soak { rounds: 20, load: 2 }));
    let Ok(Command::Prove(options)) = parsed("prove --full --afresh") else { panic!("a proof") };
    assert_eq!((options.full, options.afresh, options.soak), (true, true, None));
    for wrong in
        ["prove --load 2", "prove --soak many", "prove --soak 0", "prove --soak 2 --load x", "prove --soak 2 --afresh"]
    {
        assert!(parsed(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn every_option_stands_in_the_help_of_its_commands() {
    for spec in &OPTIONS {
        for topic in spec.commands {
            // What every command understands stands once, in the overview.
            let topic = if spec.commands.len() == Topic::ALL.len() { Topic::Overview } else { *topic };
            let words = topic.words();
            let option = format!("--{}", spec.name);
            assert!(words.en.contains(&option) && words.ko.contains(&option), "{option} in the help of {topic:?}");
        }
    }
}
