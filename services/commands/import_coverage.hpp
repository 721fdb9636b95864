#pragma once

#include "services/config.hpp"

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace diaban::services::commands {

/// What `diaban import FILE --coverage ID` takes beside the file and its CRS.
struct CoverageFlags {
    std::string coverage;
    std::string unit;
    std::string vertical;
    std::string no_data;
    std::string title;
    std::string title_en;
    std::vector<std::string> with;
    std::vector<std::string> burn;
    std::vector<std::string> raise;
    std::vector<std::string> pass;
    std::string attribution;
    std::string licence;
    bool synthetic = false;
    bool classes = false;
};

/// Adds them to the command; gives the one that asks for a coverage.
CLI::Option* add_coverage_flags(CLI::App& command, CoverageFlags& flags);

/// Brings a raster in and says on standard output what it is.
void import_coverage_file(Settings const& settings, CoverageFlags const& flags,
                          std::string const& file, std::string const& crs, std::string const& scope,
                          int sensitivity);

} // namespace diaban::services::commands
