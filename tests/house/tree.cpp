#include "tests/house/tree.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <regex>

namespace diaban::tests::house {

namespace {

constexpr std::array<std::string_view, 5> made_by_tools{"node_modules", "dist", "output", "build",
                                                        ".git"};

std::string read(std::filesystem::path const& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(std::filesystem::file_size(path), '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    return text;
}

} // namespace

std::size_t Source::lines() const {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

bool Source::is_header() const {
    return path.ends_with(".hpp");
}

std::filesystem::path checkout() {
    return DIABAN_HOME;
}

std::vector<Source> sources(std::string_view folder, std::vector<std::string_view> const& endings) {
    namespace fs = std::filesystem;
    std::vector<Source> found;
    fs::path const top = checkout();
    if (!fs::is_directory(top / folder)) return found;
    for (auto entry = fs::recursive_directory_iterator(top / folder);
         entry != fs::recursive_directory_iterator(); ++entry) {
        std::string const name = entry->path().filename().string();
        if (entry->is_directory()) {
            if (std::find(made_by_tools.begin(), made_by_tools.end(), name) != made_by_tools.end())
                entry.disable_recursion_pending();
            continue;
        }
        bool const wanted = std::any_of(endings.begin(), endings.end(),
                                        [&](auto ending) { return name.ends_with(ending); });
        if (wanted)
            found.push_back(
                {fs::relative(entry->path(), top).generic_string(), read(entry->path())});
    }
    std::sort(found.begin(), found.end(),
              [](Source const& a, Source const& b) { return a.path < b.path; });
    return found;
}

std::vector<Include> includes(std::string_view text) {
    static std::regex const directive(R"(^\s*#\s*include\s*(["<])([^">]+)[">])");
    std::vector<Include> found;
    std::size_t line = 0;
    while (!text.empty()) {
        std::size_t const end = std::min(text.find('\n'), text.size() - 1);
        std::string const here(text.substr(0, end + 1));
        text.remove_prefix(end + 1);
        ++line;
        std::smatch match;
        if (std::regex_search(here, match, directive))
            found.push_back({match[2].str(), match[1].str() == "\"", line});
    }
    return found;
}

std::string_view floor_of(std::string_view path) {
    return path.substr(0, path.find('/'));
}

} // namespace diaban::tests::house
