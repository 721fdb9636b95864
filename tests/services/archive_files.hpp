#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

namespace diaban::tests {

/// A folder for archives of its own, gone at the end.
struct ArchiveFolder {
    ArchiveFolder() {
        static int number = 0;
        path = std::filesystem::temp_directory_path() /
               ("diaban-archives-" + std::to_string(::getpid()) + "-" + std::to_string(number++));
        std::filesystem::create_directories(path);
    }
    ~ArchiveFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    ArchiveFolder(ArchiveFolder const&) = delete;
    ArchiveFolder& operator=(ArchiveFolder const&) = delete;

    std::filesystem::path path;
};

inline std::string file_bytes(std::filesystem::path const& file) {
    std::ifstream in{file, std::ios::binary};
    std::ostringstream bytes;
    bytes << in.rdbuf();
    return std::move(bytes).str();
}

inline void put_bytes(std::filesystem::path const& file, std::string_view bytes) {
    std::ofstream{file, std::ios::binary} << bytes;
}

} // namespace diaban::tests
