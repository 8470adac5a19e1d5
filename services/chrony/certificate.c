// SPDX-License-Identifier: GPL-2.0-or-later
#include "certificate.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/api/file.h"

enum { SIZE_MAX_PEM = 1 << 20 /* octets */ };

/* A file as OpenSSL reads it; NULL with `why`. *data is to be wiped and freed. */
static BIO *file_open(const char *path, char **data, size_t *length, char *why, size_t size)
{
	int err = fer_file_read(path, SIZE_MAX_PEM, data, length);

	if (!err)
		return BIO_new_mem_buf(*data, (int)*length);
	*data = NULL;
	*length = 0;
	snprintf(why, size, "file '%s' cannot be read: %s", path, strerror(-err));
	return NULL;
}

static void file_close(BIO *bio, char *data, size_t length)
{
	BIO_free(bio);
	if (data)
		explicit_bzero(data, length);
	free(data);
	ERR_clear_error();
}

static X509 *certificate_read(const char *path, char *why, size_t size)
{
	size_t length;
	char *data;
	BIO *bio = file_open(path, &data, &length, why, size);
	X509 *found = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

	if (bio && !found)
		snprintf(why, size, "file '%s' has no certificate, allowed is PEM", path);
	file_close(bio, data, length);
	return found;
}

/* chronyd has nobody to ask for a passphrase. */
static int no_passphrase(char *to, int size, int writing, void *arg)
{
	(void)to;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static EVP_PKEY *key_read(const char *path, char *why, size_t size)
{
	size_t length;
	char *data;
	BIO *bio = file_open(path, &data, &length, why, size);
	EVP_PKEY *found = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

	if (bio && !found)
		snprintf(why, size,
			 "file '%s' has no private key, allowed is PEM without a passphrase", path);
	file_close(bio, data, length);
	return found;
}

static int64_t seconds_of(const ASN1_TIME *at)
{
	struct tm tm;

	return ASN1_TIME_to_tm(at, &tm) ? timegm(&tm) : 0;
}

enum certificate_fault certificate_check(const char *certificate, const char *key, int64_t *expires,
					 char *why, size_t size)
{
	X509 *x509 = certificate_read(certificate, why, size);
	EVP_PKEY *pkey = x509 ? key_read(key, why, size) : NULL;
	enum certificate_fault fault = CERTIFICATE_GOOD;

	if (!x509)
		return CERTIFICATE_FAULTY;
	if (!pkey)
		fault = CERTIFICATE_KEY;
	else if (X509_check_private_key(x509, pkey) != 1) {
		snprintf(why, size, "the key in '%s' is not that of the certificate in '%s'", key,
			 certificate);
		fault = CERTIFICATE_KEY;
	}
	*expires = seconds_of(X509_get0_notAfter(x509));
	ERR_clear_error();
	EVP_PKEY_free(pkey);
	X509_free(x509);
	return fault;
}

int certificates_check(const char *path, char *why, size_t size)
{
	X509 *x509 = certificate_read(path, why, size);

	X509_free(x509);
	return x509 ? 0 : -EINVAL;
}
