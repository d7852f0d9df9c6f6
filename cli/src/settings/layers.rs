//! Puts the layers on each other. Every mistake is found in one go, so that nobody corrects a
//! file line by line; a setting that is wrong leaves the default and is in the list.

use super::{Mistake, Origin, Settings, SettingsFlags};
use figment::{
    Error, Figment, Metadata, Profile, Provider, Source,
    providers::{Format, Toml},
    value::{Dict, Map, Value},
};
use magpie_wallet::kdf::{MEMORY_KIB_MAX, PASSES_MAX};
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
};

/// The settings file's name in the data directory.
const FILE_NAME: &str = "magpie.toml";
/// Name of the layer of flags, by which its values are known again.
const FLAGS: &str = "flags";
/// Name of the layer of variables.
const VARIABLES: &str = "variables";
/// Least memory of the password lock, in KiB: what Argon2 works with at all.
const KDF_MEMORY_KIB_MIN: u32 = 8;

/// Settings, and where each comes from.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The effective settings.
    pub(crate) settings: Settings,
    /// The origin of each, by key.
    pub(crate) origins: BTreeMap<String, Origin>,
}

/// Reads all layers, or returns every mistake in them.
pub(crate) fn load(data_dir: &Path, flags: &SettingsFlags) -> Result<Loaded, Vec<Mistake>> {
    let mut layers = Layers::stack(data_dir, flags);
    let mut settings = Settings::default();
    layers.path("network", &mut settings.network);
    layers.read("role", &mut settings.role);
    layers.list("listen", &mut settings.listen);
    layers.list("bootstrap", &mut settings.bootstrap);
    layers.read("api", &mut settings.api);
    layers.read("metrics", &mut settings.metrics);
    layers.read("log_format", &mut settings.log_format);
    layers.read("kdf_memory_kib", &mut settings.kdf_memory_kib);
    layers.read("kdf_passes", &mut settings.kdf_passes);
    layers.read("allow_password_export", &mut settings.allow_password_export);
    layers.path("password_file", &mut settings.password_file);

    layers.within("kdf_memory_kib", settings.kdf_memory_kib, KDF_MEMORY_KIB_MIN, MEMORY_KIB_MAX);
    layers.within("kdf_passes", settings.kdf_passes, 1, PASSES_MAX);
    layers.exists("network", settings.network.as_deref());
    layers.exists("password_file", settings.password_file.as_deref());
    if layers.mistakes.is_empty() {
        let origins = keys().into_iter().map(|key| (key.clone(), layers.origin(&key))).collect();
        Ok(Loaded { settings, origins })
    } else {
        Err(layers.mistakes)
    }
}

/// Returns every key there is.
fn keys() -> Vec<String> {
    let tree = Value::serialize(Settings::default()).expect("the defaults are plain values");
    tree.into_dict().expect("a struct is a dictionary").into_keys().collect()
}

struct Layers {
    figment: Figment,
    mistakes: Vec<Mistake>,
}

impl Layers {
    fn stack(data_dir: &Path, flags: &SettingsFlags) -> Self {
        let mut layers = Self { figment: Figment::new(), mistakes: Vec::new() };
        let keys = keys();
        let variable = env::var_os("MAGPIE_CONFIG").filter(|path| !path.is_empty());
        let named = flags.config.clone().or_else(|| variable.map(PathBuf::from));
        layers.add_file(data_dir, named.as_deref(), &keys);
        layers.add_variables(&keys);
        match Value::serialize(flags).map(|value| value.into_dict().unwrap_or_default()) {
            Ok(dict) => layers.add(Layer { name: FLAGS, dict }),
            Err(error) => layers.refuse(Origin::Flag("flags".into()), None, kind(&error)),
        }
        layers
    }

    fn add_file(&mut self, data_dir: &Path, named: Option<&Path>, keys: &[String]) {
        let path = named.map_or_else(|| data_dir.join(FILE_NAME), Path::to_owned);
        let origin = Origin::File(path.clone());
        match path.try_exists() {
            Ok(false) if named.is_none() => return,
            Ok(false) => return self.refuse(origin, None, "no such file".into()),
            Err(error) => return self.refuse(origin, None, error.to_string()),
            Ok(true) => {}
        }
        let file = Toml::file_exact(&path);
        match file.data() {
            Ok(data) => {
                for key in data.values().flat_map(Dict::keys).filter(|key| !keys.contains(key)) {
                    self.refuse(origin.clone(), Some(key), "there is no such setting".into());
                }
                self.add(file);
            }
            Err(error) => self.refuse(origin, None, kind(&error).trim().to_owned()),
        }
    }

    fn add_variables(&mut self, keys: &[String]) {
        let mut dict = Dict::new();
        for key in keys {
            // Compose files pass what is unset as empty.
            match env::var(variable(key)) {
                Ok(text) if !text.is_empty() => {
                    dict.insert(key.clone(), Value::from(text));
                }
                Err(env::VarError::NotUnicode(_)) => {
                    let origin = Origin::Env(variable(key));
                    self.refuse(origin, Some(key), "is not UTF-8".into());
                }
                _ => {}
            }
        }
        self.add(Layer { name: VARIABLES, dict });
    }

    fn add(&mut self, layer: impl Provider) {
        self.figment = std::mem::take(&mut self.figment).merge(layer);
    }

    fn refuse(&mut self, origin: Origin, key: Option<&str>, message: String) {
        self.mistakes.push(Mistake { origin, key: key.map(str::to_owned), message });
    }

    fn origin(&self, key: &str) -> Origin {
        match self.figment.find_metadata(key) {
            Some(Metadata { source: Some(Source::File(path)), .. }) => Origin::File(path.clone()),
            Some(layer) if layer.name == FLAGS => {
                Origin::Flag(format!("--{}", key.replace('_', "-")))
            }
            Some(_) => Origin::Env(variable(key)),
            None => Origin::Default,
        }
    }

    fn read<T: DeserializeOwned>(&mut self, key: &str, to: &mut T) {
        let origin = self.origin(key);
        if origin == Origin::Default {
            return;
        }
        // Lossy, because a variable spells numbers and booleans as text.
        match self.figment.extract_inner_lossy(key) {
            Ok(value) => *to = value,
            Err(error) => self.refuse(origin, Some(key), kind(&error)),
        }
    }

    /// A list; in a variable its items stand between commas.
    fn list<T: DeserializeOwned>(&mut self, key: &str, to: &mut Vec<T>) {
        #[derive(Deserialize)]
        #[serde(transparent)]
        struct Text(String);

        let text = match self.origin(key) {
            Origin::Env(_) => self.figment.extract_inner::<Text>(key).ok(),
            _ => None,
        };
        if let Some(Text(text)) = text {
            let items: Vec<&str> = text.split(',').map(str::trim).collect();
            self.add(Layer {
                name: VARIABLES,
                dict: Dict::from([(key.to_owned(), Value::from(items))]),
            });
        }
        self.read(key, to);
    }

    /// A path; in a file it is relative to the file's directory.
    fn path(&mut self, key: &str, to: &mut Option<PathBuf>) {
        self.read(key, to);
        let origin = self.origin(key);
        if let (Some(path), Some(base)) = (to, origin.file().and_then(Path::parent)) {
            *path = base.join(&*path);
        }
    }

    fn within(&mut self, key: &str, value: Option<u32>, least: u32, most: u32) {
        if value.is_some_and(|value| !(least..=most).contains(&value)) {
            self.refuse(self.origin(key), Some(key), format!("is not within {least} to {most}"));
        }
    }

    fn exists(&mut self, key: &str, path: Option<&Path>) {
        if let Some(path) = path.filter(|path| *path != Path::new("-") && !path.is_file()) {
            self.refuse(self.origin(key), Some(key), format!("{} is no file", path.display()));
        }
    }
}

/// Returns the name of a setting's environment variable.
fn variable(key: &str) -> String {
    format!("MAGPIE_{}", key.to_ascii_uppercase())
}

fn kind(error: &Error) -> String {
    error.kind.to_string()
}

/// A layer made of values that are at hand.
struct Layer {
    name: &'static str,
    dict: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Map::from([(Profile::Default, self.dict.clone())]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_fields() {
        assert_eq!(keys().len(), 11);
        assert!(keys().contains(&"log_format".to_owned()));
        assert_eq!(variable("kdf_memory_kib"), "MAGPIE_KDF_MEMORY_KIB");
    }
}
