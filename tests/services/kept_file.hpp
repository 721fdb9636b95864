#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace diaban::tests {

/// A file of the folder for temporary files, gone at the end.
struct KeptFile {
    KeptFile(std::string const& ending, std::string const& bytes)
        : path{std::filesystem::temp_directory_path() /
               fmt::format("diaban-export-{}{}", ::getpid(), ending)} {
        std::ofstream{path, std::ios::binary} << bytes;
    }
    KeptFile(KeptFile const&) = delete;
    KeptFile& operator=(KeptFile const&) = delete;
    ~KeptFile() {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
    }
    std::filesystem::path path;
};

} // namespace diaban::tests
