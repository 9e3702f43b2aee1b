//! Makes the books: one configuration, one theme, once per language.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, anyhow};
use grader::text::Lang;
use mdbook_driver::MDBook;
use mdbook_driver::config::Config;
use mdbook_preprocessor::book::{Book, BookItem};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};

use crate::language::{BOTH, code, title};
use crate::page::Page;
use crate::project::Project;
use crate::{directives, polish};

/// Builds both books below `out`. They appear there complete or not at all, so a server may read while this writes.
pub fn books(project: &Project, out: &Path) -> Result<()> {
    let fresh = out.with_extension(format!("new-{}", std::process::id()));
    let built = both(project, &fresh).and_then(|()| replace(&fresh, out));
    if fresh.exists() {
        fs::remove_dir_all(&fresh).context("cannot remove the unfinished books")?;
    }
    built
}

fn both(project: &Project, out: &Path) -> Result<()> {
    let results = thread::scope(|scope| {
        BOTH.map(|lang| scope.spawn(move || one(project, lang, &out.join(code(lang)))))
            .map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow!("the builder panicked"))))
    });
    results.into_iter().collect::<Result<()>>()?;
    fs::write(out.join("index.html"), include_str!("polish/root.html")).context("cannot write the root page")
}

fn one(project: &Project, lang: Lang, out: &Path) -> Result<()> {
    let mut book = MDBook::load_with_config(project.book(), config(project, lang, out)?)?;
    book.with_preprocessor(Directives { project: project.clone(), lang });
    book.build().with_context(|| format!("cannot build the book in `{}`", code(lang)))?;
    polish::book(project, lang, out)
}

fn config(project: &Project, lang: Lang, out: &Path) -> Result<Config> {
    let mut config = Config::from_disk(project.book().join("book.toml"))?;
    config.book.src = code(lang).into();
    config.book.language = Some(code(lang).to_owned());
    config.book.title = Some(title(lang).to_owned());
    config.build.build_dir = out.to_owned();
    let theme = project.book().join("theme");
    config.set("output.html.additional-css", files(&theme, "css")?)?;
    config.set("output.html.additional-js", files(&theme, "js")?)?;
    Ok(config)
}

/// The files of one kind in the theme's folder, as mdBook wants to read of them.
fn files(theme: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(theme).with_context(|| format!("cannot list {}", theme.display()))?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let wanted = paths.iter().filter(|path| path.extension() == Some(OsStr::new(extension)));
    let mut files: Vec<PathBuf> = wanted.filter_map(|path| Some(Path::new("theme").join(path.file_name()?))).collect();
    files.sort();
    Ok(files)
}

/// The two folders and the root page move; what else lies in `out` stays.
fn replace(fresh: &Path, out: &Path) -> Result<()> {
    fs::create_dir_all(out)?;
    for name in ["en", "ko", "index.html"] {
        let (from, to) = (fresh.join(name), out.join(name));
        if to.is_dir() {
            fs::remove_dir_all(&to).with_context(|| format!("cannot remove {}", to.display()))?;
        }
        fs::rename(&from, &to).with_context(|| format!("cannot move the book to {}", to.display()))?;
    }
    Ok(())
}

/// Our directives, run inside mdBook: type-checked, and nothing to install.
struct Directives {
    project: Project,
    lang: Lang,
}

impl Preprocessor for Directives {
    fn name(&self) -> &str {
        "workshop-directives"
    }

    fn run(&self, _context: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let mut result = Ok(());
        book.for_each_mut(|item| {
            if let BookItem::Chapter(chapter) = item
                && let Some(path) = &chapter.path
                && result.is_ok()
            {
                let name = path.with_extension("").display().to_string();
                let page = Page { name, lang: self.lang, text: std::mem::take(&mut chapter.content) };
                result = directives::expand(&page, &self.project).map(|expanded| chapter.content = expanded);
            }
        });
        result.map(|()| book)
    }
}
