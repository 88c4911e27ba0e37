//! The tags of a page.

use std::collections::HashSet;

/// A tag's name and the names of its attributes.
pub struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
}

/// All tags of a page that quotes every attribute, as ours does; content of `style` and
/// `script` is passed over.
pub fn tags(page: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap();
        let mut tag = Tag { name: rest[..end].to_lowercase(), attributes: Vec::new() };
        rest = rest[end..].trim_start();
        while !rest.starts_with('>') && !rest.starts_with("/>") {
            let end = rest.find(|c: char| "= />".contains(c)).unwrap();
            let name = rest[..end].to_lowercase();
            rest = &rest[end..];
            let mut value = "";
            if let Some(quoted) = rest.strip_prefix("=\"") {
                let end = quoted.find('"').unwrap();
                (value, rest) = (&quoted[..end], &quoted[end + 1..]);
            }
            assert!(!rest.starts_with('='), "an attribute without quotes in <{}", tag.name);
            tag.attributes.push((name, value.to_owned()));
            rest = rest.trim_start();
        }
        if let "style" | "script" = tag.name.as_str() {
            rest = &rest[rest.find(&format!("</{}>", tag.name)).unwrap()..];
        }
        tags.push(tag);
    }
    tags
}

pub fn values<'a>(tags: &'a [Tag], name: &str) -> Vec<&'a str> {
    let attributes = tags.iter().flat_map(|tag| &tag.attributes);
    attributes.filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
}

/// The text of a page without its tags.
pub fn text_of(page: &str) -> String {
    let pieces = page.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    pieces.collect()
}

const TAGS: &str = "html head meta title style body a header nav div label input output button \
    main section h1 h2 h3 h4 dl dt dd ul li p strong b code pre span table caption thead tbody tr \
    th td figure figcaption details summary br article script svg g path circle line rect polygon polyline text img";

/// A file in the one folder beside the page.
fn is_of_a_profile(link: &str) -> bool {
    link.strip_prefix("flame/").is_some_and(|name| {
        !name.contains(['/', ':', '\\']) && (name.ends_with(".svg") || name.ends_with(".json"))
    })
}

pub fn assert_harmless(page: &str) {
    let allowed: HashSet<&str> = TAGS.split_whitespace().collect();
    let tags = tags(page);
    for tag in &tags {
        assert!(allowed.contains(tag.name.as_str()), "<{}>", tag.name);
        for (name, value) in &tag.attributes {
            assert!(!name.starts_with("on"), "<{} {name}>", tag.name);
            let links = ["href", "src", "action", "data", "xlink:href"];
            let is_inside = value.starts_with('#') || is_of_a_profile(value);
            assert!(!links.contains(&name.as_str()) || is_inside, "{name}={value}");
            assert_ne!(name, "style", "the policy would not apply it");
        }
    }
    let count = |name: &str| tags.iter().filter(|tag| tag.name == name).count();
    assert_eq!((count("script"), count("style"), count("title")), (1, 1, 1));
    assert_eq!(page.matches("</script").count(), 1);
    assert_eq!(page.matches("</style").count(), 1);
    assert!(!page.contains(['\u{202e}', '\u{2066}', '\0', '\u{1b}']));
}
