//! Pictures that refer to nothing outside of themselves.

/// Namespaces are written as addresses, which nobody fetches; without these two it is no SVG.
const NAMESPACES: [&str; 2] = ["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"];

/// Takes the place of any other address. Inferno's own namespace needs to be one.
const NOWHERE: &str = "urn:inferno";

/// Removes inferno's references: the definition of the document's type, its own namespace, and its
/// home page. Addresses in titles are removed, too.
pub(super) fn without_references(svg: &str) -> String {
    let mut clean = String::with_capacity(svg.len());
    let mut rest = svg;
    if let Some((before, doctype)) = rest.split_once("<!DOCTYPE") {
        clean += before;
        rest = doctype.split_once('>').map_or("", |(_, rest)| rest);
    }
    while let Some(at) = rest.find("http") {
        let (before, from) = rest.split_at(at);
        clean += before;
        let end = from.find(['"', '\'', '<', ' ', ',', '\n']).unwrap_or(from.len());
        let (address, after) = from.split_at(end);
        let is_address = address.starts_with("http://") || address.starts_with("https://");
        let stays = !is_address || NAMESPACES.contains(&address);
        clean += if stays { address } else { NOWHERE };
        rest = after;
    }
    clean + rest
}
