#include "data/model/unwritable_file.hpp"

#include "geo/error.hpp"

namespace diaban::data::model {

void refuse_file(std::filesystem::path const& file, std::string const& reason) {
    throw geo::Error{geo::Code::bad_input,
                     "unwritable-file",
                     {{"file", file.filename().string()}, {"reason", reason}},
                     file.string()};
}

} // namespace diaban::data::model
