#pragma once

#include <string>
#include <string_view>

namespace diaban::services::domain {

/// A JPEG without what it tells beside its picture: position, device, owner, comments, thumbnails.
///
/// Method   segments APP1 to APP15 and COM are left out (ITU-T T.81, B.1.1.4), but for Adobe's
/// APP14,
///          which says how colours are coded; the picture's own bytes are not touched.
/// Throws   Error{bad_input, "bad-photo"} for what is no JPEG of one picture, or breaks off.
[[nodiscard]] std::string stripped_jpeg(std::string_view bytes);

} // namespace diaban::services::domain
