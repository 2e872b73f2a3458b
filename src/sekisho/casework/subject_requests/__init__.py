"""Requests of data subjects (開示等の請求等)."""
