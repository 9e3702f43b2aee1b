//! Where the container engine listens. Found by reading the same settings as the `docker` program, which need not be installed.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The variable that names an engine, for the `docker` program and for testcontainers.
pub const VARIABLE: &str = "DOCKER_HOST";

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// An address at which somebody listens, or which somebody has set on purpose.
    At(String),
    /// A socket that this user may not use.
    Denied(PathBuf),
    /// Nothing.
    Nothing,
}

/// Looks in the order of the `docker` program: the variable, the current context, then the places where engines put their sockets.
pub fn find() -> Found {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(address) = set(VARIABLE) {
        return Found::At(address);
    }
    let home = set("HOME").map(PathBuf::from).unwrap_or_default();
    let settings = set("DOCKER_CONFIG").map_or_else(|| home.join(".docker"), PathBuf::from);
    if let Some(address) = of_context(&settings, set("DOCKER_CONTEXT")) {
        return Found::At(address);
    }
    let runtime = set("XDG_RUNTIME_DIR").map(PathBuf::from);
    first_that_listens(&sockets(&home, runtime.as_deref()))
}

/// The address of the current context. The context called `default` has none: it means the usual socket.
fn of_context(settings: &Path, named: Option<String>) -> Option<String> {
    let current = || read(&settings.join("config.json"))?.get("currentContext")?.as_str().map(str::to_owned);
    let name = named.or_else(current).filter(|name| name != "default")?;
    // The folders are named by a hash; the name itself stands inside.
    let entries = std::fs::read_dir(settings.join("contexts/meta")).ok()?.flatten();
    let mut contexts = entries.filter_map(|entry| read(&entry.path().join("meta.json")));
    let context = contexts.find(|context| context.get("Name").and_then(Value::as_str) == Some(&name))?;
    context.pointer("/Endpoints/docker/Host")?.as_str().map(str::to_owned)
}

fn read(file: &Path) -> Option<Value> {
    serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()
}

/// Docker Engine, rootless Docker, Docker Desktop, and Podman as root and as a user.
fn sockets(home: &Path, runtime: Option<&Path>) -> Vec<PathBuf> {
    let in_runtime = |name: &str| runtime.map(|folder| folder.join(name));
    let places = [
        Some(PathBuf::from("/var/run/docker.sock")),
        in_runtime("docker.sock"),
        Some(home.join(".docker/run/docker.sock")),
        Some(home.join(".docker/desktop/docker.sock")),
        in_runtime("podman/podman.sock"),
        Some(PathBuf::from("/run/podman/podman.sock")),
        Some(home.join(".local/share/containers/podman/machine/podman.sock")),
    ];
    places.into_iter().flatten().collect()
}

fn first_that_listens(sockets: &[PathBuf]) -> Found {
    let mut denied = None;
    for socket in sockets {
        match UnixStream::connect(socket) {
            Ok(_) => return Found::At(format!("unix://{}", socket.display())),
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                denied.get_or_insert_with(|| socket.clone());
            }
            Err(_) => {}
        }
    }
    denied.map_or(Found::Nothing, Found::Denied)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("workshop-engine-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn write(&self, file: &str, text: &str) {
            let path = self.0.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_context_is_found_by_its_name() {
        let settings = Folder::new("context");
        settings.write("config.json", r#"{"currentContext": "colima"}"#);
        let meta =
            |name: &str, host: &str| format!(r#"{{"Name":"{name}","Endpoints":{{"docker":{{"Host":"{host}"}}}}}}"#);
        settings.write("contexts/meta/aa/meta.json", &meta("other", "unix:///other"));
        settings.write("contexts/meta/bb/meta.json", &meta("colima", "unix:///colima"));
        assert_eq!(of_context(&settings.0, None).as_deref(), Some("unix:///colima"));
        assert_eq!(of_context(&settings.0, Some("other".to_owned())).as_deref(), Some("unix:///other"));
        assert_eq!(of_context(&settings.0, Some("default".to_owned())), None);
    }

    #[test]
    fn a_socket_without_a_listener_is_passed_over() {
        let folder = Folder::new("socket");
        let [dead, living] = ["dead.sock", "living.sock"].map(|name| folder.0.join(name));
        drop(std::os::unix::net::UnixListener::bind(&dead).unwrap());
        let _listener = std::os::unix::net::UnixListener::bind(&living).unwrap();
        let sockets = [folder.0.join("absent.sock"), dead.clone(), living.clone()];
        assert_eq!(first_that_listens(&sockets), Found::At(format!("unix://{}", living.display())));
        assert_eq!(first_that_listens(&[dead]), Found::Nothing);
    }
}
