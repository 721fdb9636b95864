#pragma once

#include "services/api/backing.hpp"
#include "services/http/router.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace diaban::services::api {

/// `/styles`, `/styles/{style}`, its legend, and sprites: the files of the styles folder.
void add_styles(http::Router& router, Backing const& backing);

/// The file of a style, from the folder of styles. Throws   Error{not_found, "no-style"}.
[[nodiscard]] std::string style_text(std::filesystem::path const& folder, std::string const& id);

/// A style as it is sent: every text that begins with `{origin}` made absolute, sources of
/// collections that are not registered left out together with their layers.
///
/// Throws   Error{internal, "bad-style"} if the text is no style.
[[nodiscard]] std::string finish_style(std::string_view id, std::string_view text,
                                       std::string_view origin,
                                       std::vector<std::string> const& registered);

/// Collections that the layers of a style file are drawn of, each once, in its sources' order.
///
/// Throws   Error{not_found, "no-style"}; Error{internal, "bad-style"}.
[[nodiscard]] std::vector<std::string> collections_of_style(std::filesystem::path const& folder,
                                                            std::string const& id);

} // namespace diaban::services::api
