#!/bin/sh
# How we migrate by hand: log in on the bastion, open the tunnel, run this. The settings are in migrate.env.
here=$(dirname "$0")
. "$here/migrate.env"
export DATABASE_URL
exec "$here/../factor-12-admin-processes" migrate
