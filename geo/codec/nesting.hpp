#pragma once

#include <cstddef>
#include <string_view>

namespace diaban::geo::codec {

/// Deepest that JSON of others may nest. What Diaban reads needs ten; what copies, compares or
/// writes a document calls itself once a level, and a megabyte of `[` would be a million levels.
inline constexpr std::size_t deepest_json = 64;

/// Whether objects and arrays of a JSON text stand deeper within each other than `most`.
///
/// Cost          one pass, no allocation.
/// Not checked   that the text is JSON: of other texts it says more or less than is so, never less
///               than a reader of JSON would build before it finds the fault.
[[nodiscard]] bool nests_deeper(std::string_view text, std::size_t most) noexcept;

} // namespace diaban::geo::codec
