// Certificates for tests, made on the spot: an authority and what it signs, as PEM texts.
#pragma once

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace spoor::net {

struct TestPair {
  std::string certificate;
  std::string key;
};

class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name) : key_(EVP_EC_gen("P-256")) {
    certificate_.reset(make(name, key_.get(), "critical,CA:TRUE", ""));
  }

  // `names` as in a certificate: "DNS:localhost,IP:127.0.0.1". Valid from a day ago for `days`,
  // which may have passed.
  TestPair issue(const std::string& names, int days = 2) {
    Key key(EVP_EC_gen("P-256"));
    Certificate certificate(make("spoor test", key.get(), "CA:FALSE", names, days));
    return {pem(certificate.get()), pem(key.get())};
  }

  std::string certificate() const { return pem(certificate_.get()); }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  using Key = std::unique_ptr<EVP_PKEY, Free>;
  using Certificate = std::unique_ptr<X509, Free>;

  static void extend(X509* certificate, X509V3_CTX* context, int id, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, context, id, value.c_str());
    ASSERT_NE(extension, nullptr) << value;
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  X509* make(const std::string& name, EVP_PKEY* key, const std::string& constraints,
             const std::string& names, int days = 2) {
    constexpr int kDaySeconds = 86'400;
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -kDaySeconds);
    X509_gmtime_adj(X509_getm_notAfter(certificate), (days - 1) * kDaySeconds);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509* issuer = certificate_ ? certificate_.get() : certificate;
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    extend(certificate, &context, NID_basic_constraints, constraints);
    if (!names.empty()) extend(certificate, &context, NID_subject_alt_name, names);
    EXPECT_GT(X509_sign(certificate, key_.get(), EVP_sha256()), 0);
    return certificate;
  }

  template <typename Object>
  static std::string pem(Object* object) {
    BIO* bio = BIO_new(BIO_s_mem());
    if constexpr (std::is_same_v<Object, X509>) {
      PEM_write_bio_X509(bio, object);
    } else {
      PEM_write_bio_PrivateKey(bio, object, nullptr, nullptr, 0, nullptr, nullptr);
    }
    char* bytes = nullptr;
    long size = BIO_get_mem_data(bio, &bytes);
    std::string text(bytes, static_cast<size_t>(size));
    BIO_free(bio);
    return text;
  }

  Key key_;
  Certificate certificate_;
  long serial_ = 0;
};

}  // namespace spoor::net
