#include "data/postgis/file_text.hpp"

#include "geo/error.hpp"

#include <fstream>
#include <sstream>

namespace diaban::data::postgis {

std::string file_text(std::filesystem::path const& file) {
    std::ifstream const stream{file, std::ios::binary};
    std::ostringstream text;
    if (stream) text << stream.rdbuf();
    if (!stream || !text)
        throw geo::Error{
            geo::Code::not_found, "no-file", {{"file", file.filename().string()}}, file.string()};
    return std::move(text).str();
}

} // namespace diaban::data::postgis
