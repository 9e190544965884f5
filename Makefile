# What the earlier servers were built and started with: make, make build_docker, make run_docker. `make help` tells all.
# Every target is a call of npm or docker that can as well be typed: no other file needs make.

DOCKER ?= docker
PORT ?= 8080
VERSION := $(shell sed -n 's/^  "version": "\(.*\)",$$/\1/p' package.json)
IMAGE := pawl:$(VERSION)
VOLUME := pawl-data
SOURCES := $(shell find src -name '*.ts')

.PHONY: all run check build_docker run_docker help

all: dist/cli/main.js
	@echo 'Pawl is built. "make run" starts it, "make help" tells what else there is.'

# npm writes this file at the end of an installation.
node_modules/.package-lock.json: package.json package-lock.json
	npm ci

dist/cli/main.js: node_modules/.package-lock.json tsconfig.json tsconfig.build.json $(SOURCES)
	npm run build

run: all
	node bin/pawl.js serve --port $(PORT)

check: node_modules/.package-lock.json
	npm run check

build_docker:
	$(DOCKER) build --tag $(IMAGE) .

# The first time it makes the volume and a token in it, which is shown this once.
run_docker: build_docker
	$(DOCKER) volume inspect $(VOLUME) > /dev/null 2>&1 || \
	  $(DOCKER) run --rm --volume $(VOLUME):/data $(IMAGE) tokens create --name admin --scope admin
	$(DOCKER) run --rm --name pawl --stop-timeout 30 --volume $(VOLUME):/data --publish 127.0.0.1:$(PORT):8080 $(IMAGE)

help:
	@echo 'make               install what is missing, and build'
	@echo 'make run           build, and serve on this machine until Ctrl-C (PORT=8081 for another port)'
	@echo 'make check         lint, types, build and all tests'
	@echo 'make build_docker  build the image $(IMAGE) (DOCKER=podman for another engine)'
	@echo 'make run_docker    build it, and serve from it with SQLite in the volume $(VOLUME) (PORT=8081 for another port)'
