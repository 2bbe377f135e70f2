//! A new migration or locale file must lead to a new build; the compiler does not see folders.

fn main() {
    for folder in ["migrations", "locales", "static"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
