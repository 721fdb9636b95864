#pragma once

#include "services/api/backing.hpp"
#include "services/api/json.hpp"
#include "services/http/router.hpp"

#include <filesystem>
#include <string>

namespace diaban::services::api {

/// `/styles`, `/styles/{style}`, its legend, and sprites: the files of the styles folder.
void add_styles(http::Router& router, Backing const& backing);

/// The file of a style, from the folder of styles. Throws   Error{not_found, "no-style"}.
[[nodiscard]] std::string style_text(std::filesystem::path const& folder, std::string const& id);

/// A style as its visitor is sent it: every text that begins with `{origin}` made absolute, sources
/// of collections that are not registered or not for them left out together with their layers, and
/// plain layers of collections that it does not name (services/api/plain_layers.hpp).
///
/// Throws   Error{not_found, "no-style"}; Error{internal, "bad-style"} if the file is no style.
[[nodiscard]] Json style_for(Backing const& backing, http::Context const& context,
                             std::string const& id);

/// Collections that the layers of a style file are drawn of, each once, in its sources' order.
///
/// Throws   Error{not_found, "no-style"}; Error{internal, "bad-style"}.
[[nodiscard]] std::vector<std::string> collections_of_style(std::filesystem::path const& folder,
                                                            std::string const& id);

} // namespace diaban::services::api
