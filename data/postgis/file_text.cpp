#include "data/postgis/file_text.hpp"

#include "geo/error.hpp"

#include <fstream>
#include <sstream>

namespace diaban::data::postgis {

std::string file_text(std::filesystem::path const& file) {
    std::ifstream stream{file, std::ios::binary};
    std::ostringstream text;
    bool const opened = stream.is_open();
    // Inserting nothing counts as a failure of the stream.
    if (opened && stream.peek() != std::ifstream::traits_type::eof()) text << stream.rdbuf();
    if (!opened || !text)
        throw geo::Error{
            geo::Code::not_found, "no-file", {{"file", file.filename().string()}}, file.string()};
    return std::move(text).str();
}

} // namespace diaban::data::postgis
