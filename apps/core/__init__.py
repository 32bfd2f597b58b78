"""What every app shares and no app owns: money, rounding, errors, versions, trace, masking."""
