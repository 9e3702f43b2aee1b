//! A room without internet, in English.

use grader::text::count_en;

use crate::messages::Note;
use crate::room::megabytes;

/// The sentence.
pub fn tell(note: &Note<'_>) -> String {
    match note {
        Note::Crates { here, missing: 0, bytes, new } => {
            let crates = count_en(*here, "crate");
            format!("{crates} on this machine, {}; {} of them downloaded now", megabytes(*bytes), megabytes(*new))
        }
        Note::Crates { here, missing, .. } => format!(
            "{} on this machine, {missing} could not be downloaded; what needs them cannot be compiled without a network",
            count_en(*here, "crate")
        ),
        Note::NoEngine => "No container engine answers: without images. Checks that need a container stay UNGRADED, \
             and so do those with a database where PostgreSQL and Redis are not installed."
            .to_owned(),
        Note::Pulling(image) => format!("Downloading {image}…"),
        Note::NotPulled { image, why } => {
            format!("{image} could not be downloaded: {why}\nChecks that need it stay UNGRADED. Try again: docker pull {image}")
        }
        Note::ImageHere { image, bytes } => format!("{image} is here ({})", megabytes(*bytes)),
        Note::Prefetched { troubled: [], seconds } => {
            format!("Everything is here ({seconds} s). The workshop needs no network from now on.")
        }
        Note::Prefetched { troubled, .. } => format!(
            "Not everything is here: {}. The lines above say why. Run it again: it goes on where it stopped.",
            troubled.join(", ")
        ),
        Note::CompilingPacker => "Compiling the program that packs and unpacks bundles; it takes a few seconds.".to_owned(),
        Note::CratesMissing(missing) => format!(
            "{} could not be downloaded, and nothing is packed without them. With internet: cargo xtask prefetch",
            count_en(*missing, "crate")
        ),
        Note::CratesOfThisSystem(missing) => format!(
            "{} could not be downloaded. Only other systems need them: the bundle is for machines like this one.",
            count_en(*missing, "crate")
        ),
        Note::NoSource => "This folder is no git repository, so the workshop itself is not in the bundle: \
             only machines that have it can use it."
            .to_owned(),
        Note::Uncommitted(files) => format!(
            "The bundle holds the last commit. Not in it: what was changed since, in {}.",
            count_en(*files, "file")
        ),
        Note::ImageAbsent(image) => {
            format!("{image} is not on this machine and will not be in the bundle. To have it: docker pull {image}")
        }
        Note::SavingImages { images, bytes } => {
            format!("Saving {} ({})…", count_en(*images, "image"), megabytes(*bytes))
        }
        Note::Packing(files) => format!("Packing {}…", count_en(*files, "file")),
        Note::Bundled { file } => format!(
            "\nThe bundle is ready. Copy it, or serve it in the room: python3 -m http.server (in its folder)\n\n\
             Whoever has the workshop:  cargo xtask unbundle {file}\n\
             Whoever has not:           tar -xf {file} start.sh && sh start.sh {file} workshop\n\n\
             Rust, git, a C linker and the programs PostgreSQL and Redis are not in it: let everybody install these before.\n\
             Neither are the packages of the Python and Node.js services."
        ),
        Note::NoPacker { file } => format!(
            "The program that unpacks could not be compiled, since its crates are not here yet. This needs nothing but them:\n  \
             tar -xf {file} start.sh && sh start.sh {file} ."
        ),
        Note::Unpacking => "Reading the bundle and comparing every file with its list…".to_owned(),
        Note::MadeOn { platform, made, commit: "" } => format!("Made on {platform} at {made}"),
        Note::MadeOn { platform, made, commit } => format!("Made on {platform} at {made}, from commit {commit}"),
        Note::OtherCommit => "This folder is at another commit than the bundle. What fits is taken over.".to_owned(),
        Note::WrongCrate(name) => format!(
            "{name} is not the crate that Cargo.lock wants, so nothing was taken over. Have the bundle made anew, or copy it again."
        ),
        Note::CratesTaken { here, new, of } => format!("Crates: {here} of {of} were in the bundle, {new} of them are new here"),
        Note::BooksTaken => "Books: ready, cargo xtask book --open".to_owned(),
        Note::BooksOfOtherPages => {
            "Books: those in the bundle were built from other pages. `cargo xtask book` builds the ones that belong here.".to_owned()
        }
        Note::NoImages => "Images: none in the bundle".to_owned(),
        Note::ImagesUnused => "Images: left in the bundle, since no container engine answers here or none were wanted. \
             Start one and run this again, if you want them."
            .to_owned(),
        Note::OtherPlatform { images, engine } => format!(
            "Images: left in the bundle. They are for {images}, and the engine here runs {engine}. \
             Checks that need a container stay UNGRADED."
        ),
        Note::LoadingImages(names) => format!("Images: loading {}…", names.join(", ")),
        Note::NotLoaded(why) => format!("The engine could not load the images: {why}\nEverything else was taken over."),
        Note::StillMissing => "Cargo still wants to download something: the bundle was made for another version of the workshop, \
             or for another system, or your Cargo uses another registry (see ~/.cargo/config.toml). \
             Use the workshop that is in the bundle: sh start.sh FILE FOLDER"
            .to_owned(),
        Note::Unbundled => "Everything that this machine compiles can be compiled without a network.".to_owned(),
    }
}
