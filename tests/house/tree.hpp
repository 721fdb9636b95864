#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace diaban::tests::house {

/// A text file of the checkout.
struct Source {
    std::string path; ///< from the top of the checkout, with forward slashes
    std::string text;

    [[nodiscard]] std::size_t lines() const;
    [[nodiscard]] bool is_header() const;
};

/// An include directive.
struct Include {
    std::string target; ///< between the quotes or brackets
    bool quoted = false;
    std::size_t line = 0; ///< from 1
};

/// The top of the checkout that was built.
std::filesystem::path checkout();

/// Files under `folder` (from the top) with one of these endings (".hpp"), sorted; what tools make
/// themselves (node_modules, dist, output) is left out. Empty if there is no such folder.
std::vector<Source> sources(std::string_view folder, std::vector<std::string_view> const& endings);

/// The include directives of a C++ text, comments not regarded.
std::vector<Include> includes(std::string_view text);

/// The first segment of a path: "geo" of "geo/crs.hpp".
std::string_view floor_of(std::string_view path);

} // namespace diaban::tests::house
