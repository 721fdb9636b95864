#include "services/access/webhook_signature.hpp"

#include "services/access/secret.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <array>

namespace diaban::services::access {

namespace {

constexpr std::string_view prefix = "whsec_";

std::string base64(std::string_view bytes) {
    constexpr int variant = sodium_base64_VARIANT_ORIGINAL;
    std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(),
                      reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size(), variant);
    text.resize(text.size() - 1); // its null
    return text;
}

std::string key_of(std::string_view secret) {
    if (!secret.starts_with(prefix)) return std::string{secret};
    auto const text = secret.substr(prefix.size());
    std::string key(text.size(), '\0');
    std::size_t length = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(key.data()), key.size(), text.data(),
                          text.size(), nullptr, &length, nullptr,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        return std::string{secret};
    key.resize(length);
    return key;
}

} // namespace

std::string webhook_signature(std::string_view secret, std::string_view id, std::int64_t seconds,
                              std::string_view body) {
    auto const bytes = [](std::string_view text) {
        return reinterpret_cast<unsigned char const*>(text.data());
    };
    auto const key = key_of(secret);
    auto const head = fmt::format("{}.{}.", id, seconds);
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytes(key), key.size());
    crypto_auth_hmacsha256_update(&state, bytes(head), head.size());
    crypto_auth_hmacsha256_update(&state, bytes(body), body.size());
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> sum{};
    crypto_auth_hmacsha256_final(&state, sum.data());
    return "v1," + base64({reinterpret_cast<char const*>(sum.data()), sum.size()});
}

std::string webhook_secret() {
    constexpr std::size_t length = 32;
    return std::string{prefix} + base64(random_bytes(length));
}

} // namespace diaban::services::access
